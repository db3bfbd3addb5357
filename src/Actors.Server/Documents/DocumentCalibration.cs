namespace Actors.Server.Documents;

/// <summary>What is done against the habit of looking at the beginning and the end of a list more than at its middle.</summary>
internal enum DocumentCalibration
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Documents that draw more attention come later (arXiv:2310.01427).</summary>
    Sort,

    /// <summary>Attention to each document is scaled by what it draws beyond a document of no content at its place (arXiv:2406.16008).</summary>
    Middle,
}
