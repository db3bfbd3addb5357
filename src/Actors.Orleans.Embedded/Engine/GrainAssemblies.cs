using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Orleans.Runtime;

/// <summary>Finds grain classes: in loaded assemblies and in those beside the program that refer to this one.</summary>
internal static class GrainAssemblies
{
    private static readonly string Engine = typeof(GrainAssemblies).Assembly.GetName().Name!;

    public static Type[] FindGrainTypes()
    {
        Dictionary<string, Assembly> found = [];
        foreach (Assembly assembly in AppDomain.CurrentDomain.GetAssemblies())
        {
            if (!assembly.IsDynamic && assembly.GetReferencedAssemblies().Any(r => r.Name == Engine))
                found.TryAdd(assembly.GetName().Name!, assembly);
        }

        foreach (string path in Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll"))
        {
            string name = Path.GetFileNameWithoutExtension(path);
            if (!found.ContainsKey(name) && RefersToEngine(path))
                found[name] = Assembly.Load(new AssemblyName(name));
        }

        return [.. found.Values.SelectMany(a => a.GetTypes()).Where(IsGrainClass)];
    }

    private static bool IsGrainClass(Type type) =>
        type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
        && typeof(IGrain).IsAssignableFrom(type) && !typeof(GrainReference).IsAssignableFrom(type);

    private static bool RefersToEngine(string path)
    {
        try
        {
            using var file = new PEReader(File.OpenRead(path));
            if (!file.HasMetadata)
                return false;
            MetadataReader reader = file.GetMetadataReader();
            return reader.AssemblyReferences.Any(r => reader.StringComparer.Equals(reader.GetAssemblyReference(r).Name, Engine));
        }
        catch (BadImageFormatException)
        {
            return false;
        }
    }
}
