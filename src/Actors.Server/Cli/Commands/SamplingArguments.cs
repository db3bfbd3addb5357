using System.CommandLine;
using System.Globalization;
using Actors.Grains.Abstractions;

namespace Actors.Server.Cli;

/// <summary>Options of the commands that let the model answer.</summary>
internal sealed class SamplingArguments
{
    private readonly Option<float> _temperature = new("--temperature")
    {
        Description = "0 for the most probable token, up to 2.", HelpName = "T", DefaultValueFactory = static _ => 0, CustomParser = ParseTemperature,
    };

    private readonly Option<int?> _maxTokens = new("--max-tokens", "-n")
    {
        Description = "Longest answer in tokens. [default: the server's]", HelpName = "N", Validators = { static result => GlobalOptions.RequireRange(result, 1, 1 << 20) },
    };

    private readonly Option<long?> _seed = new("--seed") { Description = "Makes a sampled answer reproducible.", HelpName = "N" };

    public void AddTo(Command command)
    {
        command.Add(_temperature);
        command.Add(_maxTokens);
        command.Add(_seed);
    }

    /// <summary>The turn that adds one message of the user and answers it.</summary>
    public TurnRequest Turn(ParseResult result, string question, string? policy) => new()
    {
        Items = [new SessionItem { Role = "user", Text = question }],
        Sampling = new TurnSampling { Temperature = result.GetValue(_temperature), Seed = result.GetValue(_seed) },
        MaxNewTokens = result.GetValue(_maxTokens),
        Policy = policy,
    };

    private static float ParseTemperature(System.CommandLine.Parsing.ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (float.TryParse(text, CultureInfo.InvariantCulture, out float value) && value is >= 0 and <= 2) return value;
        result.AddError($"--temperature is '{text}' but must be a number from 0 to 2.");
        return 0;
    }
}
