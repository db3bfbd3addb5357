namespace Actors.Models;

/// <summary>What stands before the first segment of an encoded stretch; SentencePiece tokenizers add a leading space by it.</summary>
public enum SegmentStart
{
    /// <summary>Nothing: the text begins here.</summary>
    BeginsText,

    /// <summary>A special token.</summary>
    AfterSpecialToken,

    /// <summary>Plain text, which is continued without an added space.</summary>
    AfterText,
}
