namespace Orleans.Runtime;

/// <summary>What a pull of a streaming result gave.</summary>
[Flags]
[GenerateSerializer]
public enum EnumerationResult
{
    /// <summary>One item.</summary>
    Element = 1,

    /// <summary>A list of items.</summary>
    Batch = 1 << 1,

    /// <summary>The end.</summary>
    Completed = 1 << 2,

    /// <summary>The last item.</summary>
    CompletedWithElement = Completed | Element,

    /// <summary>The last items.</summary>
    CompletedWithBatch = Completed | Batch,

    /// <summary>Nothing yet: pull again.</summary>
    Heartbeat = 1 << 3,

    /// <summary>The grain does not know the enumerator.</summary>
    MissingEnumeratorError = 1 << 4,

    /// <summary>The sequence threw.</summary>
    Error = 1 << 5,

    /// <summary>The sequence was cancelled.</summary>
    Canceled = 1 << 6,
}
