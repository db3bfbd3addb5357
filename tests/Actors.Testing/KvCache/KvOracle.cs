using System.Runtime.InteropServices;
using Actors.KvCache;

namespace Actors.Testing.KvCache;

/// <summary>
/// Keys and values that depend on nothing but the tokens so far, as a model's do, and a plain check of pages against them. The
/// reference for every test of page tables.
/// </summary>
public static class KvOracle
{
    public static float Element(ulong prefix, int layer, int head, int channel, bool isKey)
    {
        ulong x = prefix ^ ((ulong)layer << 48) ^ ((ulong)head << 36) ^ ((ulong)channel << 8) ^ (isKey ? 1UL : 0UL);
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return ((int)((x >> 40) & 0xFFFF) - 0x8000) / 4096f;
    }

    /// <summary>State after each token, from the start of the sequence.</summary>
    public static ulong[] Prefixes(ReadOnlySpan<int> tokens)
    {
        var prefixes = new ulong[tokens.Length];
        ulong state = 1469598103934665603;
        for (int i = 0; i < tokens.Length; i++) prefixes[i] = state = (state ^ (uint)tokens[i]) * 1099511628211;
        return prefixes;
    }

    /// <summary>Writes the tokens that follow, layer by layer, and commits them. The caller reserved.</summary>
    public static void Append(PageTable table, ReadOnlySpan<int> tokens)
    {
        int first = table.TokenCount;
        Write(table, tokens, tokens.Length);
        table.Commit(tokens);
        if (table.TokenCount != first + tokens.Length) throw new InvalidOperationException("Commit did not grow the table.");
    }

    /// <summary>Writes the first rows of the tokens that follow, without committing.</summary>
    public static void Write(PageTable table, ReadOnlySpan<int> tokens, int rows)
    {
        int first = table.TokenCount;
        ulong[] prefixes = Prefixes([.. table.Tokens, .. tokens]);
        KvLayout layout = table.Layout;
        var keys = new float[rows * layout.RowElements];
        var values = new float[rows * layout.RowElements];
        for (int layer = 0; layer < layout.Layers; layer++)
        {
            for (int i = 0; i < keys.Length; i++)
            {
                int row = i / layout.RowElements, head = i % layout.RowElements / layout.HeadDim, channel = i % layout.HeadDim;
                keys[i] = Element(prefixes[first + row], layer, head, channel, isKey: true);
                values[i] = Element(prefixes[first + row], layer, head, channel, isKey: false);
            }

            table.Write(layer, first, rows, keys, values);
        }
    }

    /// <summary>Compares the committed tokens of a table, keys, values and bounds, with what was written. Throws at a difference.</summary>
    public static void Check(PageTable table)
    {
        KvLayout layout = table.Layout;
        ulong[] prefixes = Prefixes(table.Tokens);
        for (int page = 0; page < KvLayout.PagesFor(table.TokenCount); page++)
        {
            ReadOnlySpan<byte> bytes = table.Page(page);
            int tokens = Math.Min(KvLayout.PageTokens, table.TokenCount - (page * KvLayout.PageTokens));
            for (int layer = 0; layer < layout.Layers; layer++)
            {
                for (int head = 0; head < layout.KvHeads; head++) CheckHead(layout, bytes, prefixes, page, tokens, layer, head);
            }
        }
    }

    public static float Read(KvLayout layout, ReadOnlySpan<byte> page, int offset, int element)
    {
        ReadOnlySpan<byte> bytes = page[(offset + (element * layout.ElementBytes))..];
        return layout.Format switch
        {
            KvFormat.Float16 => (float)MemoryMarshal.Read<Half>(bytes),
            KvFormat.BFloat16 => BitConverter.UInt32BitsToSingle((uint)MemoryMarshal.Read<ushort>(bytes) << 16),
            _ => MemoryMarshal.Read<float>(bytes),
        };
    }

    public static float Round(KvFormat format, float value)
    {
        if (format == KvFormat.Float16) return (float)(Half)value;
        if (format == KvFormat.Float32) return value;
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000);
    }

    private static void CheckHead(KvLayout layout, ReadOnlySpan<byte> bytes, ulong[] prefixes, int page, int tokens, int layer, int head)
    {
        for (int channel = 0; channel < layout.HeadDim; channel++)
        {
            for (int group = 0; group * KvLayout.GroupTokens < tokens; group++)
            {
                float low = float.PositiveInfinity, high = float.NegativeInfinity;
                for (int lane = 0; lane < KvLayout.GroupTokens && (group * KvLayout.GroupTokens) + lane < tokens; lane++)
                {
                    int token = (group * KvLayout.GroupTokens) + lane;
                    ulong prefix = prefixes[(page * KvLayout.PageTokens) + token];
                    float key = Round(layout.Format, Element(prefix, layer, head, channel, true));
                    float value = Round(layout.Format, Element(prefix, layer, head, channel, false));
                    Same(key, Read(layout, bytes, layout.KeysOffset(layer, head, group), (channel * KvLayout.GroupTokens) + lane), "key", page, token);
                    Same(value, Read(layout, bytes, layout.ValuesOffset(layer, head), (token * layout.HeadDim) + channel), "value", page, token);
                    low = Math.Min(low, key);
                    high = Math.Max(high, key);
                }

                int bounds = layout.BoundsOffset(layer, head, group);
                Same(low, Read(layout, bytes, bounds, channel), "minimum", page, group);
                Same(high, Read(layout, bytes, bounds, layout.HeadDim + channel), "maximum", page, group);
            }
        }
    }

    private static void Same(float expected, float actual, string what, int page, int index)
    {
        if (expected != actual) throw new InvalidOperationException($"The {what} at page {page}, {index}, is {actual}; expected {expected}.");
    }
}
