using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>What the engine knows of one grain class.</summary>
internal sealed class GrainClass
{
    private readonly ConstructorInvoker _constructor;
    private readonly ParameterInfo[] _parameters;

    public GrainClass(Type type, GrainCollectionOptions collection)
    {
        Type = type;
        GrainType = NameOf(type);
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute), true);
        MaxWorkers = type.GetCustomAttribute<StatelessWorkerAttribute>()?.MaxLocalWorkers ?? 0;
        CollectionAge = collection.ClassSpecificCollectionAge.TryGetValue(type.FullName!, out TimeSpan age)
            ? age
            : type.GetCustomAttribute<CollectionAgeLimitAttribute>()?.AgeLimit ?? collection.CollectionAge;
        ConstructorInfo[] constructors = type.GetConstructors();
        ConstructorInfo constructor = constructors.FirstOrDefault(c => c.IsDefined(typeof(ActivatorUtilitiesConstructorAttribute)))
            ?? constructors.MaxBy(c => c.GetParameters().Length)
            ?? throw new InvalidOperationException($"Grain class {type} has no public constructor.");
        _parameters = constructor.GetParameters();
        _constructor = ConstructorInvoker.Create(constructor);
    }

    public Type Type { get; }

    public GrainType GrainType { get; }

    public bool IsReentrant { get; }

    /// <summary>Most activations of one identity of a stateless worker; 0 for other grains.</summary>
    public int MaxWorkers { get; }

    public TimeSpan CollectionAge { get; }

    /// <summary>The grain type of a class: its attribute, else its name in lower case without "grain" at the end.</summary>
    public static GrainType NameOf(Type type)
    {
        if (type.GetCustomAttribute<GrainTypeAttribute>() is { } attribute)
            return GrainType.Create(attribute.Name);
        string name = type.Name.ToLowerInvariant();
        return GrainType.Create(name.Length > 5 && name.EndsWith("grain", StringComparison.Ordinal) ? name[..^5] : name);
    }

    /// <summary>Makes the instance of an activation, on its scheduler. Arguments are states, its context, and services.</summary>
    public object Create(Activation activation)
    {
        var arguments = new object?[_parameters.Length];
        for (int i = 0; i < arguments.Length; i++)
            arguments[i] = Resolve(_parameters[i], activation);
        return _constructor.Invoke(arguments.AsSpan());
    }

    private static object? Resolve(ParameterInfo parameter, Activation activation)
    {
        IServiceProvider services = activation.ActivationServices;
        Type type = parameter.ParameterType;
        if (parameter.GetCustomAttribute<PersistentStateAttribute>() is { } state)
            return PersistentState.Create(type, activation, state);
        if (type == typeof(IGrainContext))
            return activation;
        if (parameter.GetCustomAttribute<FromKeyedServicesAttribute>() is { } keyed)
            return services.GetRequiredKeyedService(type, keyed.Key);
        return parameter.HasDefaultValue ? services.GetService(type) ?? parameter.DefaultValue : services.GetRequiredService(type);
    }
}
