using System.Text;
using Actors.Engine;
using Actors.Models;

namespace Actors.Server.Evaluation;

/// <summary>Writes contexts and questions as the tokens that a session would hold.</summary>
internal sealed class PromptFrame(LoadedModel model)
{
    private readonly int[] _opening = model.ChatTemplate.EncodeOpening(model.Tokenizer);

    /// <summary>Tokens around a message and before the answer.</summary>
    public int FrameTokens => _opening.Length + EncodeMessage("").Length + model.ChatTemplate.EncodeAssistantPrefix(model.Tokenizer).Length;

    public int CountTokens(string text) => model.Tokenizer.Encode(text, parseSpecialTokens: false).Length;

    /// <summary>
    /// The tokens of a sample: what is remembered, and what follows it for each question. Where context and question are one message, they are cut where the
    /// tokens of the message without the question would go on differently; both parts together are the tokens of the whole message.
    /// </summary>
    /// <param name="sample">Context and questions.</param>
    /// <param name="isMessage">See <see cref="IEvaluationTask.IsMessage"/>.</param>
    public FramedSample Frame(EvaluationSample sample, bool isMessage)
    {
        int[] alone = isMessage ? EncodeMessage(sample.Context) : model.Tokenizer.Encode(sample.Context, parseSpecialTokens: false);
        int[][] questions = [.. sample.Questions.Select(question => EncodeMessage(isMessage ? sample.Context + question.Text : question.Text))];
        int shared = isMessage ? questions.Min(question => question.AsSpan().CommonPrefixLength(alone)) : alone.Length;
        int[] context = [.. _opening, .. alone.AsSpan(0, shared)];
        return new FramedSample(
            context,
            [.. sample.Questions.Select((question, i) => Finish(questions[i].AsSpan(isMessage ? shared : 0), question))],
            [.. sample.Questions.Select(question => FindTokens(sample.Context, isMessage, context, question.Planted))]);
    }

    private int[] EncodeMessage(string text) => model.ChatTemplate.EncodeMessage(model.Tokenizer, new ChatMessage("user", text));

    private int[] Finish(ReadOnlySpan<int> question, EvaluationQuestion asked)
    {
        int[] prefix = model.ChatTemplate.EncodeAssistantPrefix(model.Tokenizer);
        return asked.AnswerPrefix.Length == 0 ? [.. question, .. prefix] : [.. question, .. prefix, .. model.Tokenizer.Encode(asked.AnswerPrefix, parseSpecialTokens: false)];
    }

    /// <summary>The tokens of the context that hold some of the characters of each range.</summary>
    private TextRange[] FindTokens(string text, bool isMessage, int[] context, IReadOnlyList<TextRange> ranges)
    {
        if (ranges.Count == 0) return [];
        string before = model.ChatTemplate.Opening;
        if (isMessage)
        {
            string rendered = model.ChatTemplate.Render(new ChatMessage("user", text));
            before += rendered[..rendered.IndexOf(text.Trim(), StringComparison.Ordinal)];
        }
        int[] ends = new int[context.Length]; // bytes up to the end of each token
        for (int i = 0, end = 0; i < context.Length; i++) ends[i] = end += model.Tokenizer.Bytes(context[i]).Length;
        int offset = Encoding.UTF8.GetByteCount(before);
        return [.. ranges.Select(range =>
        {
            int start = offset + Encoding.UTF8.GetByteCount(text.AsSpan(0, range.Start));
            int end = start + Encoding.UTF8.GetByteCount(text.AsSpan(range.Start, range.End - range.Start));
            return new TextRange(FirstAfter(ends, start), Math.Min(context.Length, FirstAfter(ends, end - 1) + 1));
        })];
    }

    /// <summary>The token that holds this byte.</summary>
    private static int FirstAfter(int[] ends, int position)
    {
        int found = Array.BinarySearch(ends, position + 1);
        return found < 0 ? ~found : found;
    }
}

/// <summary>A sample as tokens.</summary>
/// <param name="Context">What is remembered.</param>
/// <param name="Questions">What follows it for each question, up to where the answer goes on.</param>
/// <param name="Planted">For each question, the tokens of the context that tell the answer.</param>
internal sealed record FramedSample(int[] Context, IReadOnlyList<int[]> Questions, IReadOnlyList<IReadOnlyList<TextRange>> Planted);
