using System.Numerics.Tensors;

namespace Actors.Attention;

/// <summary>The orthonormal directions in which rows are longest, means not subtracted, by subspace iteration from a fixed start.</summary>
internal static class PrincipalDirections
{
    private const int Rounds = 24;

    /// <summary>Finds them.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="count">Directions, 1 to the length of a row.</param>
    /// <returns>[count, length].</returns>
    public static float[] Find(KeyRows rows, int count)
    {
        int length = rows.HeadDim;
        double[] products = Products(rows), directions = new double[count * length], next = new double[count * length];
        for (int i = 0; i < count; i++)
        {
            // The longest channels first, a little of all others, so that nothing is left out by chance.
            for (int j = 0; j < length; j++)
                directions[(i * length) + j] = 0.01 * (((i * 31) + (j * 17)) % 13) / 13;
        }
        int[] channels = [.. Enumerable.Range(0, length).OrderByDescending(channel => products[(channel * length) + channel])];
        for (int i = 0; i < count; i++)
            directions[(i * length) + channels[i]] += 1;
        Orthonormalise(directions, length);
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < count; i++)
            {
                for (int j = 0; j < length; j++)
                    next[(i * length) + j] = TensorPrimitives.Dot<double>(products.AsSpan(j * length, length), directions.AsSpan(i * length, length));
            }
            (directions, next) = (next, directions);
            Orthonormalise(directions, length);
        }
        return [.. directions.Select(value => (float)value)];
    }

    private static double[] Products(KeyRows rows)
    {
        int length = rows.HeadDim;
        double[] products = new double[length * length], row = new double[length];
        for (int i = 0; i < rows.Count; i++)
        {
            TensorPrimitives.ConvertTruncating(rows[i], row.AsSpan());
            for (int j = 0; j < length; j++)
                TensorPrimitives.MultiplyAdd(row, row[j], products.AsSpan(j * length, length), products.AsSpan(j * length, length));
        }
        return products;
    }

    // Gram-Schmidt, twice for exactness; a direction that the others span already becomes the first channel that they do not.
    private static void Orthonormalise(double[] directions, int length)
    {
        int count = directions.Length / length;
        for (int i = 0; i < count; i++)
        {
            Span<double> direction = directions.AsSpan(i * length, length);
            for (int channel = 0; !Reduce(directions, i, length); channel++)
            {
                direction.Clear();
                direction[channel] = 1;
            }
        }
    }

    private static bool Reduce(double[] directions, int index, int length)
    {
        Span<double> direction = directions.AsSpan(index * length, length);
        double before = TensorPrimitives.Norm<double>(direction);
        for (int pass = 0; pass < 2; pass++)
        {
            for (int i = 0; i < index; i++)
            {
                ReadOnlySpan<double> other = directions.AsSpan(i * length, length);
                TensorPrimitives.MultiplyAdd(other, -TensorPrimitives.Dot<double>(other, direction), direction, direction);
            }
        }
        double norm = TensorPrimitives.Norm<double>(direction);
        if (!(norm > 1e-9 * before))
            return false;
        TensorPrimitives.Divide(direction, norm, direction);
        return true;
    }
}
