namespace Orleans.Providers;

/// <summary>Names of providers.</summary>
public static class ProviderConstants
{
    /// <summary>Name of the default storage.</summary>
    public const string DEFAULT_STORAGE_PROVIDER_NAME = "Default";
}
