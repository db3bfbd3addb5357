return await Actors.Server.Cli.CommandLine.RunAsync(args);
