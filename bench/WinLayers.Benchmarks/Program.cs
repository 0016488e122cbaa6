using BenchmarkDotNet.Running;

// In this process: the project that the runner would generate for another cannot be built below our Directory.Build.props.
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(["--inProcess", .. args]);
