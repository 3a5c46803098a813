using Humanitarian.Domain;

[assembly: GenerateCodeForDeclaringAssembly(typeof(Id))]
