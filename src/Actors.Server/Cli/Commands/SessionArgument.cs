using System.CommandLine;
using Actors.Grains.Abstractions;

namespace Actors.Server.Cli;

/// <summary>The option --session of commands that work on one session.</summary>
internal static class SessionArgument
{
    public static Option<string> Create() => new("--session", "-S")
    {
        Description = "Name of the session; made on first use.", HelpName = "NAME", Required = true,
        Validators =
        {
            static result =>
            {
                foreach (var token in result.Tokens)
                    if (!SessionKey.IsValidName(token.Value)) result.AddError($"--session is '{token.Value}' but {SessionKey.NameRule}.");
            },
        },
    };
}
