namespace Orleans.Runtime;

/// <summary>An interface that a grain answers through an object other than itself.</summary>
public interface IGrainExtension : IAddressable;
