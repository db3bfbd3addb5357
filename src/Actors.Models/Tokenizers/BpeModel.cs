using System.Collections.Concurrent;
using System.Text;

namespace Actors.Models;

/// <summary>Encodes single pieces of text by byte-pair merges. Thread-safe; short pieces are remembered.</summary>
internal sealed class BpeModel
{
    private const int CachedPieces = 1 << 16;
    private const int CachedLength = 48;
    private readonly BpeVocabulary _vocabulary;
    private readonly MergeTable _merges;
    private readonly ConcurrentDictionary<string, int[]> _cache = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> _cacheBySpan;
    private int _cached;

    public BpeModel(BpeVocabulary vocabulary, MergeTable merges)
    {
        _vocabulary = vocabulary;
        _merges = merges;
        _cacheBySpan = _cache.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <param name="piece">Well-formed UTF-16, not empty.</param>
    /// <param name="output">Receives the tokens.</param>
    public void Encode(ReadOnlySpan<char> piece, List<int> output)
    {
        if (piece.Length > CachedLength)
        {
            output.AddRange(Merge(piece).Span);
            return;
        }

        if (!_cacheBySpan.TryGetValue(piece, out int[]? tokens))
        {
            tokens = Merge(piece).ToArray();
            if (Interlocked.Increment(ref _cached) > CachedPieces)
            {
                _cache.Clear();
                Interlocked.Exchange(ref _cached, 1);
            }

            _cacheBySpan[piece] = tokens;
        }

        output.AddRange(tokens);
    }

    private Memory<int> Merge(ReadOnlySpan<char> piece)
    {
        if (_vocabulary.TryGetWhole(piece, out int whole)) return new[] { whole };
        int[] tokens = new int[Encoding.UTF8.GetMaxByteCount(piece.Length)];
        int count = _vocabulary.Split(piece, tokens);
        return tokens.AsMemory(0, _merges.Apply(tokens.AsSpan(0, count)));
    }
}
