namespace Actors.Server.Api;

/// <summary>Whether turns can be served now: the model is loaded when this exists, and the data folder takes a write.</summary>
internal sealed class Readiness(string dataFolder)
{
    public string? FindProblem()
    {
        string probe = Path.Combine(dataFolder, $".ready-{Guid.NewGuid():N}");
        try
        {
            using var file = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            file.Write("ready"u8);
            file.Flush();
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"The data folder does not take writes: {exception.Message}";
        }
    }
}
