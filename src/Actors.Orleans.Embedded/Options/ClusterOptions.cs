namespace Orleans.Configuration;

/// <summary>Names of service and cluster.</summary>
public class ClusterOptions
{
    /// <summary>Name of the cluster.</summary>
    /// <value>Default "default".</value>
    public string ClusterId { get; set; } = "default";

    /// <summary>Name of the service.</summary>
    /// <value>Default "default".</value>
    public string ServiceId { get; set; } = "default";
}
