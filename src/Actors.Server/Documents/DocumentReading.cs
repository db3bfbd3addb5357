using Actors.Attention;
using Actors.Engine;
using Actors.Models;
using Actors.Server.Evaluation;

namespace Actors.Server.Documents;

/// <summary>Answers a question from a list of documents in one message, and measures what attention each of them draws. Not thread-safe.</summary>
/// <param name="engine">The engine.</param>
/// <param name="policy">Attention policy; null for the engine's default.</param>
/// <param name="repeat">How often the whole list stands in the message, 1 or more.</param>
/// <param name="onTokens">Called with the tokens that were computed since the last call.</param>
internal sealed class DocumentReading(InferenceEngine engine, string? policy, int repeat, Action<int> onTokens)
{
    private const int ScaledLayers = 16, MostRead = 4096;

    /// <summary>How sharply a document that is worth more is preferred; what documents are worth is measured in shares of the attention to all of them.</summary>
    private const double Sharpness = 0.5;

    private const string Filler = "This text is about nothing in particular. ";

    private readonly PromptFrame _frame = new(engine.Model);
    private readonly EngineTurns _turns = new(engine, onTokens);
    private int _passes;
    private long _promptTokens;

    /// <summary>Answers.</summary>
    /// <param name="documents">The documents.</param>
    /// <param name="question">The question.</param>
    /// <param name="calibration">What is done first.</param>
    /// <param name="rounds">Most times that documents are sorted.</param>
    /// <param name="answer">Sampling and length of the answer.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<DocumentAnswer> AnswerAsync(
        IReadOnlyList<string> documents, string question, DocumentCalibration calibration, int rounds, EngineTurn answer, CancellationToken cancellationToken)
    {
        (_passes, _promptTokens) = (0, 0);
        int[] order = [.. Enumerable.Range(0, documents.Count)];
        double[] attention = [], factors = [];
        if (calibration == DocumentCalibration.Sort)
            (order, attention) = await SortAsync(documents, question, rounds, cancellationToken);
        else if (calibration == DocumentCalibration.Middle)
            (attention, factors) = await WeighAsync(documents, question, cancellationToken);
        FramedSample frame = Frame([.. order.Select(document => documents[document])], question);
        await using EngineSequence sequence = engine.Open(new SequenceOptions { PolicyName = policy });
        await RunAsync(sequence, new EngineTurn { Input = frame.Context }, cancellationToken);
        var spans = factors.Select((factor, document) => (factor, document)).SelectMany(
            each => RangesOf(frame, each.document, documents.Count).Select(range => new SpanWeight(range.Start, range.End, (float)Math.Log(each.factor))));
        TurnResult result = await RunAsync(
            sequence,
            answer with { Input = frame.Questions[0], Spans = factors.Length == 0 ? null : new(Math.Max(0, engine.Model.AttentionShape.Layers - ScaledLayers), [.. spans]) },
            cancellationToken);
        _passes++;
        return new(result.Text, order, attention, factors, _passes, _promptTokens, result.Usage.GeneratedTokens);
    }

    /// <summary>Attention that each document draws from the question's last token: mean over layers and query heads.</summary>
    public async Task<double[]> MeasureAsync(IReadOnlyList<string> documents, string question, CancellationToken cancellationToken)
    {
        FramedSample frame = Frame(documents, question);
        await using EngineSequence sequence = engine.Open(new SequenceOptions { PolicyName = policy });
        var turn = new EngineTurn
        {
            Input = (int[])[.. frame.Context, .. frame.Questions[0]], MaxNewTokens = 1, ReceiptTokens = MostRead, IgnoreEnd = true, Sampling = new SamplingOptions { Temperature = 0 },
        };
        TurnResult result = await RunAsync(sequence, turn, cancellationToken);
        _passes++;
        double[] drawn = new double[documents.Count];
        for (int document = 0; document < drawn.Length; document++)
        {
            foreach (TextRange range in RangesOf(frame, document, documents.Count))
                drawn[document] += result.Receipts[0].Read.Where(read => read.Position >= range.Start && read.Position < range.End).Sum(read => read.Mass);
        }
        return drawn;
    }

    private async Task<(int[] Order, double[] Attention)> SortAsync(IReadOnlyList<string> documents, string question, int rounds, CancellationToken cancellationToken)
    {
        int[] order = [.. Enumerable.Range(0, documents.Count)];
        double[] attention = [];
        for (int round = 0; round < rounds; round++)
        {
            attention = await MeasureAsync([.. order.Select(document => documents[document])], question, cancellationToken);
            int[] places = [.. Enumerable.Range(0, order.Length).OrderBy(place => attention[place])]; // the one that draws the most comes last
            bool sorted = places.SequenceEqual(Enumerable.Range(0, order.Length));
            (order, attention) = ([.. places.Select(place => order[place])], [.. places.Select(place => attention[place])]);
            if (sorted)
                break;
        }
        return (order, attention);
    }

    private async Task<(double[] Attention, double[] Factors)> WeighAsync(IReadOnlyList<string> documents, string question, CancellationToken cancellationToken)
    {
        double[] attention = await MeasureAsync(documents, question, cancellationToken);
        double all = Math.Max(attention.Sum(), 1e-9);
        double[] worth = new double[documents.Count];
        for (int document = 0; document < worth.Length; document++)
        {
            string[] others = [.. documents];
            others[document] = Empty(documents[document]);
            double bias = (await MeasureAsync(others, question, cancellationToken))[document];
            worth[document] = Math.Exp((attention[document] - bias) / all / Sharpness);
        }
        double sum = worth.Sum();
        // A document that draws a thousandth of all is scaled as if it drew that much, so that no factor leaves reason.
        return (attention, [.. worth.Select((each, document) => each / sum * all / Math.Max(attention[document], all / 1000))]);
    }

    /// <summary>A text without content of about as many tokens.</summary>
    private string Empty(string document)
    {
        int units = (int)Math.Round(_frame.CountTokens(document) / (double)_frame.CountTokens(Filler));
        return string.Concat(Enumerable.Repeat(Filler, Math.Max(1, units))).Trim();
    }

    private FramedSample Frame(IReadOnlyList<string> documents, string question)
    {
        var text = new System.Text.StringBuilder();
        List<TextRange> ranges = [];
        for (int time = 0; time < repeat; time++)
        {
            foreach (string document in documents)
            {
                ranges.Add(new(text.Length, text.Length + document.Length));
                text.Append(document).Append("\n\n");
            }
        }
        var asked = new EvaluationQuestion(question, "", [], AnswerMatch.Contains, 1, "") { Planted = ranges };
        return _frame.Frame(new(text.ToString(), [asked]), isMessage: true);
    }

    private static IEnumerable<TextRange> RangesOf(FramedSample frame, int document, int documents)
        => frame.Planted[0].Where((_, place) => place % documents == document);

    private async Task<TurnResult> RunAsync(EngineSequence sequence, EngineTurn turn, CancellationToken cancellationToken)
    {
        _promptTokens += turn.Input.Length;
        return await _turns.RunAsync(sequence, turn, null, cancellationToken);
    }
}
