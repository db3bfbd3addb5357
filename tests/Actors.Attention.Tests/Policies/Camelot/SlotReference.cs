namespace Actors.Attention.Tests.Policies;

/// <summary>An associative memory in plain words, in double precision.</summary>
internal sealed class SlotReference(int slots, double threshold)
{
    public readonly List<Slot> Slots = [];

    public void Absorb(int first, IReadOnlyList<double[]> keys, IReadOnlyList<double[]> values)
    {
        (int Slot, double Cosine)[] found = [.. keys.Select(Nearest)];
        HashSet<int> fresh = [];
        for (int i = 0; i < keys.Count; i++)
        {
            if (found[i].Slot >= 0 && found[i].Cosine > threshold)
                Slots[found[i].Slot].Join(first + i, keys[i], values[i]);
        }
        for (int i = 0; i < keys.Count; i++)
        {
            if (found[i].Slot >= 0 && found[i].Cosine > threshold)
                continue;
            int alike = fresh.Where(slot => Cosine(Slots[slot].Key, keys[i]) > threshold).OrderByDescending(slot => Cosine(Slots[slot].Key, keys[i])).FirstOrDefault(-1);
            if (alike >= 0)
            {
                Slots[alike].Join(first + i, keys[i], values[i]);
                continue;
            }
            int taken = Slots.Count < slots ? Slots.Count : Slots.IndexOf(Slots.MinBy(slot => slot.Last)!);
            if (taken == Slots.Count)
                Slots.Add(null!);
            Slots[taken] = new([.. keys[i]], [.. values[i]]) { Last = first + i };
            fresh.Add(taken);
        }
    }

    public (int Slot, double Cosine) Nearest(double[] key)
        => Slots.Select((slot, i) => (i, Cosine(slot.Key, key))).DefaultIfEmpty((-1, double.NegativeInfinity)).MaxBy(found => found.Item2);

    private static double Cosine(double[] a, double[] b) => Dot(a, b) / Math.Sqrt(Dot(a, a) * Dot(b, b));

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    public sealed class Slot(double[] key, double[] value)
    {
        public readonly double[] Key = key, Value = value;
        public int Count = 1, Last;

        public void Join(int position, double[] key, double[] value)
        {
            for (int i = 0; i < key.Length; i++)
            {
                Key[i] = ((Count * Key[i]) + key[i]) / (Count + 1);
                Value[i] = ((Count * Value[i]) + value[i]) / (Count + 1);
            }
            (Count, Last) = (Count + 1, position);
        }
    }
}
