namespace Orleans.Configuration;

/// <summary>Settings of the idle collector.</summary>
public class GrainCollectionOptions
{
    /// <summary>Idle time after which an activation is collected.</summary>
    /// <value>Above <see cref="CollectionQuantum"/>. Default 15 minutes.</value>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Time between two looks for idle activations.</summary>
    /// <value>Positive. Default 1 minute.</value>
    public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Time that activation may take.</summary>
    /// <value>Positive. Default 30 seconds.</value>
    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time after which the token of <see cref="IGrainBase.OnDeactivateAsync"/> is cancelled.</summary>
    /// <value>Positive. Default 30 seconds.</value>
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Collection ages by full name of the grain class.</summary>
    /// <value>Each above <see cref="CollectionQuantum"/>. Default empty.</value>
    public Dictionary<string, TimeSpan> ClassSpecificCollectionAge { get; set; } = [];
}
