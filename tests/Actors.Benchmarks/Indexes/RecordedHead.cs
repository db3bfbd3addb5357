namespace Actors.Benchmarks.Indexes;

/// <summary>What one KV head of a model really saw: its distant keys, and queries of the query heads that share it.</summary>
/// <param name="Layer">Layer, from 0.</param>
/// <param name="Head">KV head, from 0.</param>
/// <param name="Keys">[keys, headDim], un-roped.</param>
/// <param name="Learned">[n, headDim]: queries along the text, at the constant distance, scaled by 1/sqrt(headDim).</param>
/// <param name="Asked">[n, headDim]: queries after all keys, none of them learned.</param>
/// <param name="NearMass">[asked], natural logarithm: LSE of each asked query over the sinks and its exact window.</param>
internal sealed record RecordedHead(int Layer, int Head, float[] Keys, float[] Learned, float[] Asked, float[] NearMass);
