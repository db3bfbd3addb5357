using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Orleans.Runtime;

/// <summary>Makes the states that a grain's constructor asks for.</summary>
internal static class PersistentState
{
    public static object Create(Type parameterType, Activation activation, PersistentStateAttribute attribute)
    {
        if (!parameterType.IsGenericType || parameterType.GetGenericTypeDefinition() != typeof(IPersistentState<>))
            throw new InvalidOperationException($"[PersistentState] stands on a parameter of type {parameterType}; it needs IPersistentState<T>.");
        IGrainStorage? storage = string.IsNullOrWhiteSpace(attribute.StorageName)
            ? activation.ActivationServices.GetService<IGrainStorage>()
            : activation.ActivationServices.GetKeyedService<IGrainStorage>(attribute.StorageName);
        if (storage is null)
        {
            string name = attribute.StorageName is null ? "No default storage provider" : $"No storage provider named \"{attribute.StorageName}\"";
            throw new BadProviderConfigException($"{name} found loading grain type {activation.GrainId.Type}.");
        }

        Type type = typeof(PersistentState<>).MakeGenericType(parameterType.GetGenericArguments());
        return System.Activator.CreateInstance(type, attribute.StateName, activation, storage)!;
    }
}
