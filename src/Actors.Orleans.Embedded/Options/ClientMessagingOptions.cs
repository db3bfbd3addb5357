namespace Orleans.Configuration;

/// <summary>Settings of calls from another process. Unused here: the embedded silo has no such client.</summary>
public class ClientMessagingOptions : MessagingOptions;
