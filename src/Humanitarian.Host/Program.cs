using Humanitarian.Host.Commands;

return await CommandLine.RunAsync(args);
