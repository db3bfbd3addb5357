using Actors.Attention.Tests.Policies;

namespace Actors.Attention.Tests;

/// <summary>Every policy accounts for what it reads, whatever primitives it is made of.</summary>
public sealed class PolicyReceiptTests
{
    // Policies of files that detection writes for a model; their readers use the primitives of the others.
    private static readonly string[] NeedFiles = ["razor", "duo"];

    public static TheoryData<string> Specs =>
    [
        .. AttentionPolicies.Names.Except(NeedFiles), .. ((IEnumerable<object[]>)PolicyBatteryTests.Limited).Select(row => (string)row[0]),
    ];

    [Theory, MemberData(nameof(Specs))]
    public void Execute_Traced_AccountsForAllMassAndCountsNoKeyTwice(string spec)
    {
        RandomSequence sequence = new(420, seed: 61, new(2, 6, 2, 32));
        IAttentionPolicy policy = AttentionPolicies.Create(spec, 128);
        AttentionTrace trace = new(sequence.Shape);
        AttentionFidelity fidelity = new(sequence.Shape, 1, 1000);
        List<string> wrong = [];
        sequence.Run(policy, [300, 60, 1], begin: attention => (attention.Trace, attention.Fidelity) = (trace, fidelity), afterCommit: (_, tokens) =>
        {
            AttentionReceipt receipt = trace.Read(0);
            float mass = receipt.SinkMass + receipt.WindowMass + receipt.MemoryMass + receipt.SummaryMass;
            if (receipt.Position != tokens - 1 || MathF.Abs(mass - 1) > 1e-3f)
                wrong.Add($"{tokens} tokens: {mass}");
            if (fidelity.Last is { } sample && (sample.Recall > 1.0001 || sample.KeysTouched > 1))
                wrong.Add($"{tokens} tokens: recall {sample.Recall}, touched {sample.KeysTouched}");
        });
        Assert.Empty(wrong);
        Assert.Equal(60, fidelity.Report.Samples);
    }
}
