namespace Orleans.Configuration;

/// <summary>Settings of calls inside a silo, and of calls from code in its process.</summary>
public class SiloMessagingOptions : MessagingOptions;
