using WinLayers.Cli.Frame;

return await CommandFrame.RunAsync(args).ConfigureAwait(false);
