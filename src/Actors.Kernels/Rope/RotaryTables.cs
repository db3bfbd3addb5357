using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Actors.Kernels;

/// <summary>
/// Angles for rotating keys while they are read. The sequence is cut into segments of 256 tokens: a key is turned by its offset in the
/// segment, from one small table that serves every segment, layer and sequence, and the query by its distance to the segment's start.
/// The product depends on the difference of positions alone. Safe for concurrent use.
/// </summary>
public sealed class RotaryTables
{
    /// <summary>Tokens of a segment.</summary>
    public const int SegmentTokens = 256;

    private readonly RotaryEmbedding _rope;
    private readonly float[] _keyCos;
    private readonly float[] _keySin;
    private readonly float[] _offsets;
    private readonly Lock _growth = new();
    private volatile float[][] _segments = [];

    /// <summary>Builds the tables of one segment.</summary>
    /// <param name="rope">The embedding.</param>
    public RotaryTables(RotaryEmbedding rope)
    {
        ArgumentNullException.ThrowIfNull(rope);
        _rope = rope;
        int half = rope.HeadDim / 2;
        _keyCos = new float[half * SegmentTokens];
        _keySin = new float[half * SegmentTokens];
        _offsets = new float[rope.HeadDim * SegmentTokens];
        for (int token = 0; token < SegmentTokens; token++)
        {
            Span<float> row = _offsets.AsSpan(token * rope.HeadDim, rope.HeadDim);
            rope.Fill(token, row[..half], row[half..]);
            int group = token / KeyTile.GroupTokens * half * KeyTile.GroupTokens, lane = token % KeyTile.GroupTokens;
            for (int i = 0; i < half; i++)
            {
                _keyCos[group + (i * KeyTile.GroupTokens) + lane] = row[i];
                _keySin[group + (i * KeyTile.GroupTokens) + lane] = row[half + i];
            }
        }
    }

    /// <summary>Cosines of a 16-token group, [headDim/2, 16], times the attention scale.</summary>
    /// <param name="group">Group in the segment, 0 to 15.</param>
    public ReadOnlySpan<float> KeyCos(int group) => _keyCos.AsSpan(group * _rope.HeadDim * 8, _rope.HeadDim * 8);

    /// <summary>Sines of a 16-token group, [headDim/2, 16], times the attention scale.</summary>
    /// <param name="group">Group in the segment, 0 to 15.</param>
    public ReadOnlySpan<float> KeySin(int group) => _keySin.AsSpan(group * _rope.HeadDim * 8, _rope.HeadDim * 8);

    /// <summary>Turns a query by its offset in its own segment, with the attention scale.</summary>
    /// <param name="query">[headDim].</param>
    /// <param name="position">Position of the query, not negative.</param>
    /// <param name="destination">[headDim]; may be the query itself.</param>
    public void RotateInSegment(ReadOnlySpan<float> query, int position, Span<float> destination)
    {
        int half = _rope.HeadDim / 2;
        ReadOnlySpan<float> row = _offsets.AsSpan(position % SegmentTokens * _rope.HeadDim, _rope.HeadDim);
        RotaryEmbedding.Rotate(query, row[..half], row[half..], destination);
    }

    /// <summary>Turns a query that <see cref="RotateInSegment"/> made by whole segments, without scale.</summary>
    /// <param name="query">[headDim].</param>
    /// <param name="segments">Segments from the keys' segment to the query's, not negative.</param>
    /// <param name="destination">[headDim]; may be the query itself.</param>
    public void RotateSegments(ReadOnlySpan<float> query, int segments, Span<float> destination)
    {
        int half = _rope.HeadDim / 2;
        ReadOnlySpan<float> row = Segment(segments);
        RotaryEmbedding.Rotate(query, row[..half], row[half..], destination);
    }

    /// <summary>Angles of 16 keys that begin at any multiple of 16, as <see cref="KeyTile.WidenRotated"/> takes them, times the attention scale.</summary>
    /// <param name="place">Where the first key stands, in units of 16 tokens, not negative.</param>
    /// <param name="cos">[headDim/2, 16], written.</param>
    /// <param name="sin">[headDim/2, 16], written.</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public void FillGroup(int place, Span<float> cos, Span<float> sin)
    {
        int half = _rope.HeadDim / 2, groups = SegmentTokens / KeyTile.GroupTokens;
        if (cos.Length < half * KeyTile.GroupTokens || sin.Length < half * KeyTile.GroupTokens)
            throw new ArgumentException($"The angles of a group need {half * KeyTile.GroupTokens} cosines and sines; got {cos.Length} and {sin.Length}.", nameof(cos));
        ReadOnlySpan<float> segment = Segment(place / groups);
        ref float keyCos = ref MemoryMarshal.GetReference(KeyCos(place % groups));
        ref float keySin = ref MemoryMarshal.GetReference(KeySin(place % groups));
        for (int i = 0; i < half; i++)
        {
            nuint at = (nuint)(i * KeyTile.GroupTokens);
            Vector512<float> c = Vector512.LoadUnsafe(ref keyCos, at), s = Vector512.LoadUnsafe(ref keySin, at);
            ((c * segment[i]) - (s * segment[half + i])).StoreUnsafe(ref MemoryMarshal.GetReference(cos), at);
            ((s * segment[i]) + (c * segment[half + i])).StoreUnsafe(ref MemoryMarshal.GetReference(sin), at);
        }
    }

    // headDim/2 cosines and as many sines of a turn by whole segments.
    private ReadOnlySpan<float> Segment(int segments)
    {
        float[][] known = _segments;
        return segments < known.Length ? known[segments] : Grow(segments)[segments];
    }

    private float[][] Grow(int segments)
    {
        lock (_growth)
        {
            float[][] known = _segments;
            if (segments < known.Length)
                return known;
            var grown = new float[Math.Max(segments + 1, known.Length * 2)][];
            known.CopyTo(grown, 0);
            for (int i = known.Length; i < grown.Length; i++)
            {
                grown[i] = new float[_rope.HeadDim];
                _rope.FillScaled((long)i * SegmentTokens, 1f, grown[i].AsSpan(0, _rope.HeadDim / 2), grown[i].AsSpan(_rope.HeadDim / 2));
            }
            return _segments = grown;
        }
    }
}
