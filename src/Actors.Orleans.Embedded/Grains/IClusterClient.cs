namespace Orleans;

/// <summary>The way into the grains from code outside them. Comes from the services of the host.</summary>
public interface IClusterClient : IGrainFactory
{
    /// <summary>Services of the silo.</summary>
    IServiceProvider ServiceProvider { get; }
}
