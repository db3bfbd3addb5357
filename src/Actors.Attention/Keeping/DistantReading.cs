namespace Actors.Attention;

/// <summary>How heads that see everything read what lies before their window once it stands at one constant distance.</summary>
public enum DistantReading
{
    /// <summary>Sinks and the best 16-token groups by content, as `blocks` does: a softmax over everything at one distance drowns the key that matters.</summary>
    Selected,

    /// <summary>Every key. Cost grows with the context.</summary>
    All,
}
