using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>The parts of a silo that calls need, held together.</summary>
internal sealed class SiloRuntime : IDisposable
{
    public SiloRuntime(
        IServiceProvider services,
        GrainClassMap classes,
        TimeProvider time,
        IOptions<SiloMessagingOptions> messaging,
        IOptions<GrainCollectionOptions> collection,
        IEnumerable<IIncomingGrainCallFilter> incomingFilters,
        IEnumerable<IOutgoingGrainCallFilter> outgoingFilters,
        ILogger<SiloRuntime> logger)
    {
        Services = services;
        Classes = classes;
        Time = time;
        Messaging = messaging.Value;
        Collection = collection.Value;
        IncomingFilters = [.. incomingFilters];
        OutgoingFilters = [.. outgoingFilters];
        Logger = logger;
        Monitor = new ResponseMonitor(time);
        Catalog = new Catalog(this);
        Sender = new MessageSender(this);
    }

    public IServiceProvider Services { get; }

    public GrainClassMap Classes { get; }

    public TimeProvider Time { get; }

    public SiloMessagingOptions Messaging { get; }

    public GrainCollectionOptions Collection { get; }

    public IIncomingGrainCallFilter[] IncomingFilters { get; }

    public IOutgoingGrainCallFilter[] OutgoingFilters { get; }

    public ILogger Logger { get; }

    public DeepCopier Copier { get; } = new(strict: true);

    public ResponseMonitor Monitor { get; }

    public Catalog Catalog { get; }

    public MessageSender Sender { get; }

    public void Dispose()
    {
        Catalog.Dispose();
        Monitor.Dispose();
    }
}
