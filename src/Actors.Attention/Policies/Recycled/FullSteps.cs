using System.Numerics.Tensors;

namespace Actors.Attention;

/// <summary>The full steps of one layer: their positions and queries. Written by the owner thread before the tasks of a step.</summary>
/// <param name="rowFloats">Floats of one position's queries.</param>
/// <param name="options">The schedule.</param>
internal sealed class FullSteps(int rowFloats, RecycledOptions options)
{
    private readonly StoredQueries _stored = new(rowFloats);
    private readonly float[] _last = new float[rowFloats];

    public long Bytes => _stored.Bytes;

    /// <summary>Decides whether a position is a full step, and keeps its queries then. Positions ascending.</summary>
    public void Add(int position, ReadOnlySpan<float> queries)
    {
        bool full = options.Similarity == 0
            ? position % options.Stride == 0
            : position % options.Check == 0 && (_stored.Count == 0 || position - _stored.Position(_stored.Count - 1) >= options.Stride || Similarity(queries) < options.Similarity);
        if (full)
            _stored.Add(position, queries);
    }

    /// <summary>Forgets positions from one on.</summary>
    public void Truncate(int tokens) => _stored.Truncate(tokens);

    /// <summary>The last full step at or before a position, -1 when none is known.</summary>
    public int Before(int position)
    {
        int next = _stored.FirstFrom(position + 1);
        return next == 0 ? -1 : _stored.Position(next - 1);
    }

    /// <summary>Queries of a full step, [queryHeads, headDim].</summary>
    public void Read(int position, Span<float> queries) => _stored.Read(_stored.FirstFrom(position), queries);

    private float Similarity(ReadOnlySpan<float> queries)
    {
        _stored.Read(_stored.Count - 1, _last);
        return TensorPrimitives.CosineSimilarity(queries[..rowFloats], _last);
    }
}
