using System.Text.Json.Serialization;
using Actors.Grains.Abstractions;

namespace Actors.Grains;

/// <summary>Small JSON texts inside journal records.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TurnSampling))]
[JsonSerializable(typeof(TurnSummary))]
[JsonSerializable(typeof(SessionOrigin))]
[JsonSerializable(typeof(TurnReceipt))]
[JsonSerializable(typeof(SessionFidelity[]))]
internal sealed partial class SessionJson : JsonSerializerContext;

/// <summary>What is known of a turn when it ended.</summary>
/// <param name="Usage">What it cost.</param>
/// <param name="Text">The answer, from which another tokenizer can write its tokens.</param>
internal sealed record TurnSummary(TurnUsage Usage, string Text);

/// <summary>Under what a session was begun, or is written from here on.</summary>
/// <param name="Policy">Attention policy.</param>
/// <param name="Model">Name of the model.</param>
/// <param name="TextFingerprint">Identity of tokenizer and chat template.</param>
/// <param name="Time">When.</param>
internal sealed record SessionOrigin(string Policy, string Model, string TextFingerprint, DateTimeOffset Time);
