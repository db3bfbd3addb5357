namespace Actors.KvCache;

/// <summary>Page files of equal length in a row.</summary>
/// <param name="FirstPage">Index in the sequence of the first file's first page.</param>
/// <param name="PagesPerFile">Pages in each file.</param>
/// <param name="Files">Number of files.</param>
public readonly record struct PageRun(int FirstPage, int PagesPerFile, int Files);
