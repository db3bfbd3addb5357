using Actors.Grains.Abstractions;

namespace Actors.Server.Cli;

/// <summary>A whole answer, as --json shows it.</summary>
/// <param name="Session">Name of the session.</param>
/// <param name="Text">What the model said.</param>
/// <param name="Reason">Why it ended.</param>
/// <param name="Usage">What it cost.</param>
/// <param name="FirstTokenSeconds">From the call to the first token.</param>
/// <param name="Seconds">From the call to the end.</param>
internal sealed record Answer(string? Session, string Text, TurnEndReason Reason, TurnUsage Usage, double? FirstTokenSeconds, double Seconds)
{
    /// <summary>Name of the turn; null when it is not known.</summary>
    public string? Turn { get; init; }

    /// <summary>What it was drawn from; null unless asked for.</summary>
    public TurnReceipt? Receipt { get; init; }
}
