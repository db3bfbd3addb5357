namespace Actors.Server.Cli;

/// <summary>How far a file is in a session.</summary>
/// <param name="AcceptedBytes">Bytes that are known to be in the session.</param>
/// <param name="PendingBytes">Bytes of the piece that was sent last and whose acceptance was not seen yet; 0 for none.</param>
/// <param name="SessionTokens">Tokens of the session before that piece.</param>
/// <param name="TotalBytes">Bytes of the file.</param>
/// <param name="Created">When the session was made, in Unix seconds: tells a session from a later one of the same name. Null until known.</param>
internal sealed record IngestLogEntry(long AcceptedBytes, long PendingBytes, long SessionTokens, long TotalBytes, long? Created)
{
    /// <summary>Bytes that are in the session, judged by what the session looks like now; 0 when it is another one or gone.</summary>
    /// <param name="sessionTokens">Tokens that it holds; null when there is none.</param>
    /// <param name="created">When it was made, in Unix seconds.</param>
    public long BytesIn(long? sessionTokens, long? created)
    {
        bool same = sessionTokens is not null && (Created is null || Created == created);
        if (!same) return 0;
        return sessionTokens > SessionTokens ? AcceptedBytes + PendingBytes : AcceptedBytes;
    }
}
