using System.Numerics.Tensors;

namespace Actors.Benchmarks.Indexes;

/// <summary>The exact answer to every asked query of a head.</summary>
/// <param name="Ids">[asked][top], the best keys.</param>
/// <param name="TopMass">[asked], natural logarithm of the best keys' summed exponentials.</param>
/// <param name="AllMass">[asked], the same of all distant keys.</param>
internal sealed record HeadTruth(HashSet<int>[] Ids, double[] TopMass, double[] AllMass)
{
    public static HeadTruth Of(RecordedHead head, int headDim, int top)
    {
        int keys = head.Keys.Length / headDim, asked = head.Asked.Length / headDim;
        HeadTruth truth = new(new HashSet<int>[asked], new double[asked], new double[asked]);
        float[] scores = new float[keys];
        int[] ids = new int[keys];
        for (int query = 0; query < asked; query++)
        {
            for (int key = 0; key < keys; key++)
            {
                scores[key] = -TensorPrimitives.Dot(head.Asked.AsSpan(query * headDim, headDim), head.Keys.AsSpan(key * headDim, headDim));
                ids[key] = key;
            }
            truth.AllMass[query] = LogSum(scores);
            Array.Sort(scores, ids);
            truth.TopMass[query] = LogSum(scores.AsSpan(0, top));
            truth.Ids[query] = [.. ids[..top]];
        }
        return truth;
    }

    // Of negated scores.
    private static double LogSum(ReadOnlySpan<float> negated)
    {
        double largest = -TensorPrimitives.Min(negated), sum = 0;
        foreach (float score in negated)
            sum += Math.Exp(-score - largest);
        return largest + Math.Log(sum);
    }
}
