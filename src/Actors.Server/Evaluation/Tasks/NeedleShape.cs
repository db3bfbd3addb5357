namespace Actors.Server.Evaluation;

/// <summary>What a needle is made of.</summary>
internal enum NeedleKind
{
    /// <summary>An adjective and a noun.</summary>
    Word,

    /// <summary>Seven digits.</summary>
    Number,

    /// <summary>A random UUID.</summary>
    Uuid,
}

/// <summary>Where needles are hidden.</summary>
internal enum NeedlePlace
{
    /// <summary>Five sentences, again and again.</summary>
    Noise,

    /// <summary>Prose of the user's own.</summary>
    Essay,

    /// <summary>Among nothing but other needles.</summary>
    Needles,
}

/// <summary>One of the needle tasks of RULER (arXiv:2404.06654).</summary>
/// <param name="Name">Its published name.</param>
/// <param name="Place">Where needles are hidden.</param>
/// <param name="Key">What a needle is about.</param>
/// <param name="Value">What it tells.</param>
/// <param name="Keys">Needles with keys of their own, beside those that are the haystack.</param>
/// <param name="Values">Needles of each key.</param>
/// <param name="Queries">Keys that are asked for.</param>
internal sealed record NeedleShape(string Name, NeedlePlace Place, NeedleKind Key, NeedleKind Value, int Keys, int Values, int Queries)
{
    public static readonly IReadOnlyList<NeedleShape> All =
    [
        new("niah_single_1", NeedlePlace.Noise, NeedleKind.Word, NeedleKind.Number, 1, 1, 1),
        new("niah_single_2", NeedlePlace.Essay, NeedleKind.Word, NeedleKind.Number, 1, 1, 1),
        new("niah_single_3", NeedlePlace.Essay, NeedleKind.Word, NeedleKind.Uuid, 1, 1, 1),
        new("niah_multikey_1", NeedlePlace.Essay, NeedleKind.Word, NeedleKind.Number, 4, 1, 1),
        new("niah_multikey_2", NeedlePlace.Needles, NeedleKind.Word, NeedleKind.Number, 1, 1, 1),
        new("niah_multikey_3", NeedlePlace.Needles, NeedleKind.Uuid, NeedleKind.Uuid, 1, 1, 1),
        new("niah_multivalue", NeedlePlace.Essay, NeedleKind.Word, NeedleKind.Number, 1, 4, 1),
        new("niah_multiquery", NeedlePlace.Essay, NeedleKind.Word, NeedleKind.Number, 4, 1, 4),
    ];

    /// <summary>How a needle calls its value.</summary>
    public string Plural => $"{Singular}s";

    /// <summary>The same for one.</summary>
    public string Singular => Value switch { NeedleKind.Word => "word", NeedleKind.Number => "number", _ => "uuid" };
}
