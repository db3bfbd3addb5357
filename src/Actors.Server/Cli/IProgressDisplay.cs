namespace Actors.Server.Cli;

/// <summary>Shows how far something long has come.</summary>
internal interface IProgressDisplay : IAsyncDisposable
{
    /// <summary>Reports progress; cheap enough to be called for every event.</summary>
    /// <param name="done">Units that are done.</param>
    /// <param name="total">Units in all, or null while that is unknown.</param>
    /// <param name="rate">Units per second worth showing, or null.</param>
    void Report(long done, long? total, double? rate);
}
