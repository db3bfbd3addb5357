using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>The grain classes of all assemblies around the program, by grain type and by interface.</summary>
internal sealed class GrainClassMap
{
    private static readonly Lazy<Type[]> Types = new(GrainAssemblies.FindGrainTypes);
    private readonly Dictionary<GrainType, GrainClass> _byType = [];
    private readonly ConcurrentDictionary<(Type Interface, string? Prefix), GrainClass> _byInterface = new();

    public GrainClassMap(IOptions<GrainCollectionOptions> collection)
    {
        foreach (Type type in Types.Value)
        {
            var grainClass = new GrainClass(type, collection.Value);
            if (!_byType.TryAdd(grainClass.GrainType, grainClass))
            {
                throw new OrleansConfigurationException(
                    $"Grain classes {_byType[grainClass.GrainType].Type} and {type} have the same grain type \"{grainClass.GrainType}\": rename one or use [GrainType].");
            }
        }
    }

    public int Count => _byType.Count;

    /// <summary>The class of a grain type.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public GrainClass GetClass(GrainType type) =>
        _byType.TryGetValue(type, out GrainClass? found) ? found : throw new ArgumentException($"Could not find an implementation for grain type \"{type}\".");

    /// <summary>The class that implements an interface.</summary>
    /// <exception cref="ArgumentException">There is none, or there are several and neither name nor prefix tells which.</exception>
    public GrainClass GetClass(Type interfaceType, string? prefix) => _byInterface.GetOrAdd((interfaceType, prefix), Find);

    private GrainClass Find((Type Interface, string? Prefix) key)
    {
        GrainClass[] candidates = [.. _byType.Values.Where(c => key.Interface.IsAssignableFrom(c.Type))];
        if (key.Prefix is not null)
            candidates = [.. candidates.Where(c => c.Type.FullName!.StartsWith(key.Prefix, StringComparison.Ordinal))];
        if (candidates.Length > 1)
        {
            GrainClass[] named = [.. candidates.Where(c => "I" + c.Type.Name == key.Interface.Name)];
            candidates = named.Length == 1 ? named : candidates;
        }

        return candidates.Length switch
        {
            1 => candidates[0],
            0 => throw new ArgumentException($"Could not find an implementation for interface {key.Interface}."),
            _ => throw new ArgumentException(
                $"Several classes implement {key.Interface}: {string.Join(", ", candidates.Select(c => c.Type))}. Name one by grainClassNamePrefix."),
        };
    }
}
