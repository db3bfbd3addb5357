namespace Actors.Attention;

/// <summary>What a new prompt does with the tokens that earlier prompts did not choose.</summary>
public enum TurnKeeping
{
    /// <summary>Every prompt chooses among all tokens: what earlier ones passed over can come back.</summary>
    Anew,

    /// <summary>Every prompt adds what it chooses of the tokens since the last one: what earlier ones passed over stays out of sight, as where keys are dropped for good.</summary>
    Add,
}
