namespace Actors.Server.Evaluation;

/// <summary>A kind of memory test. Implementations are immutable and deterministic: equal seeds give equal samples.</summary>
internal interface IEvaluationTask
{
    string Name { get; }

    /// <summary>
    /// True when a context and a question after it are one message of the user, as in the published tasks; false when the context is a document that is
    /// remembered first and asked about later.
    /// </summary>
    bool IsMessage { get; }

    /// <summary>Makes a sample.</summary>
    /// <param name="seed">Where chance comes from.</param>
    /// <param name="tokens">Most tokens: of context, question and answer together when they are one message, else of the document.</param>
    /// <param name="countTokens">Length of a text in tokens of the model.</param>
    /// <exception cref="EvaluationException">The length cannot be reached.</exception>
    EvaluationSample Create(SampleSeed seed, int tokens, Func<string, int> countTokens);
}
