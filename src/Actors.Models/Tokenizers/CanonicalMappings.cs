using System.Globalization;

namespace Actors.Models;

/// <summary>
/// Canonical decompositions and combining classes of Unicode 14. The runtime's own tables are switched off together with culture data, so
/// the project brings its own. Lines of the resource: <c>code class</c>, <c>code=pair</c> (composes back), <c>code&gt;mapping</c> (does not).
/// </summary>
internal sealed class CanonicalMappings
{
    private readonly Dictionary<int, byte> _classes = [];
    private readonly Dictionary<int, int[]> _decompositions = [];
    private readonly Dictionary<(int First, int Second), int> _compositions = [];
    private readonly HashSet<int> _mayChange = [];

    private CanonicalMappings()
    {
        using var stream = typeof(CanonicalMappings).Assembly.GetManifestResourceStream("canonical-mappings.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            int split = line.AsSpan().IndexOfAny(" =>");
            int code = Hex(line[..split]);
            string value = line[(split + 1)..];
            if (line[split] == ' ')
            {
                _classes[code] = byte.Parse(value, CultureInfo.InvariantCulture);
                _mayChange.Add(code);
                continue;
            }

            int[] mapping = Array.ConvertAll(value.Split(' '), Hex);
            _decompositions[code] = mapping;
            if (line[split] == '>') _mayChange.Add(code);
            else
            {
                _compositions[(mapping[0], mapping[1])] = code;
                _mayChange.Add(mapping[1]);
            }
        }
    }

    public static CanonicalMappings Instance { get; } = new();

    public int CombiningClass(int code) => _classes.GetValueOrDefault(code);

    public bool TryDecompose(int code, out int[]? mapping) => _decompositions.TryGetValue(code, out mapping);

    public bool TryCompose(int first, int second, out int composed) => _compositions.TryGetValue((first, second), out composed);

    /// <summary>Whether text with this code point may differ from its composed form.</summary>
    public bool MayChange(int code) => _mayChange.Contains(code) || code is >= 0x1161 and <= 0x1175 or >= 0x11A8 and <= 0x11C2;

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
