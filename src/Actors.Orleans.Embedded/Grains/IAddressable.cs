namespace Orleans.Runtime;

/// <summary>Anything that has a grain identity: grains, references to grains, extensions.</summary>
public interface IAddressable;
