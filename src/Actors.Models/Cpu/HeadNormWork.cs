using Actors.Kernels;

namespace Actors.Models;

/// <summary>Normalizes every query head and every key head in place (Qwen3).</summary>
internal sealed unsafe class HeadNormWork(ComputePool pool, ModelShape shape, float epsilon) : RowWork
{
    private float* _queries;
    private float* _keys;
    private CpuLayer? _layer;

    public void Run(int rows, CpuLayer layer, float* queries, float* keys)
    {
        _layer = layer;
        _queries = queries;
        _keys = keys;
        RunOn(pool, rows);
    }

    protected override void Row(int row, int worker)
    {
        Normalize(_queries, row, shape.QueryHeads, _layer!.QueryNorm!);
        Normalize(_keys, row, shape.KvHeads, _layer.KeyNorm!);
    }

    private void Normalize(float* rows, int row, int heads, float[] weight)
    {
        for (int head = 0; head < heads; head++)
        {
            var span = new Span<float>(rows + ((nint)row * heads + head) * shape.HeadDim, shape.HeadDim);
            RmsNorm.Apply(span, weight, epsilon, span);
        }
    }
}
