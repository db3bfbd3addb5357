using System.Globalization;
using System.Text;
using System.Text.Json;
using Actors.Attention;

namespace Actors.Benchmarks.Indexes;

/// <summary>Compares the key indexes on a model's real queries and keys. Not a race of peaks: one thread, one index after the other, over the same queries.</summary>
internal static class IndexesRun
{
    public static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        IndexesOptions options;
        ModelRecording recording;
        try
        {
            options = IndexesOptions.Parse(args);
            recording = await ModelRecording.RunAsync(options);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or IOException or Engine.ModelLoadException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 2;
        }
        IndexMeasurement measurement = new(IndexVariant.All(recording.HeadDim, options.Keys), recording.HeadDim, options.Top, options.Rounds);
        foreach (RecordedHead head in recording.Heads)
        {
            measurement.Add(head);
            await Console.Error.WriteLineAsync($"layer {head.Layer}, KV head {head.Head}: done");
        }
        IReadOnlyList<IndexRow> rows = measurement.Rows();
        string table = Table(rows, recording, options);
        await output.WriteAsync(table);
        if (options.Output is null)
            return 0;
        Directory.CreateDirectory(options.Output);
        await File.WriteAllTextAsync(Path.Combine(options.Output, "key-indexes.md"), table);
        await File.WriteAllTextAsync(Path.Combine(options.Output, "key-indexes.json"), JsonSerializer.Serialize(rows, new JsonSerializerOptions { WriteIndented = true }) + "\n");
        string title = string.Create(CultureInfo.InvariantCulture, $"Attention mass found, of that of the best {options.Top} of {options.Keys:N0} keys");
        await File.WriteAllTextAsync(Path.Combine(options.Output, "key-indexes.svg"), RecallCurve.Svg(rows, title));
        return 0;
    }

    private static string Table(IReadOnlyList<IndexRow> rows, ModelRecording recording, IndexesOptions options)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        RecordedHead first = recording.Heads[0];
        StringBuilder text = new();
        text.Append(culture, $"{options.Keys:N0} distant keys of {recording.HeadDim} dimensions, {recording.Heads.Count} KV heads of `{recording.Model}`, ");
        text.Append(culture, $"{first.Asked.Length / recording.HeadDim} queries each, {first.Learned.Length / recording.HeadDim} learned, the best {options.Top} wanted, {options.Rounds} rounds, one thread.\n");
        text.Append(culture, $"A decode step of the same model at this context under `auto` took {recording.StepMicroseconds:F0} us with {recording.Threads} threads; it has {recording.AllHeads} indexes if every KV head has one.\n\n");
        text.Append("| index | width | build s | append us | of a step | bytes a key | query us | compared | recall | mass of best | worst head | mass of distant | mass of all |\n");
        text.Append("|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (IndexRow row in rows)
        {
            text.Append(culture, $"| {row.Index} | {row.Width} | {row.BuildSeconds:F2} | {row.AppendMicroseconds:F2} | {row.AppendMicroseconds * recording.AllHeads / recording.StepMicroseconds:P1} | {row.BytesPerKey:F0} ");
            text.Append(culture, $"| {row.QueryMicroseconds:F1} | {row.Touched:P2} | {row.Recall:F3} | {row.MassOfBest:F3} | {row.WorstHead:F3} | {row.MassOfDistant:F3} | {row.MassOfAll:F3} |\n");
        }
        return text.ToString();
    }
}
