namespace Actors.Models;

/// <summary>A checkpoint directory cannot be read; the message names the file, what is wrong with which value, and the remedy.</summary>
public sealed class CheckpointException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="path">File or directory at fault.</param>
    /// <param name="problem">What is wrong, with the value, and what to do.</param>
    /// <param name="inner">Cause, if another exception reported it.</param>
    public CheckpointException(string path, string problem, Exception? inner = null)
        : base($"{path}: {problem}", inner) => Path = path;

    /// <summary>File or directory at fault.</summary>
    public string Path { get; }
}
