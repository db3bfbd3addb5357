namespace Actors.Conformance.Calls;

[GenerateSerializer]
[Alias("conformance.quota")]
public sealed class QuotaException : Exception
{
    public QuotaException()
    {
    }

    public QuotaException(string message) : base(message)
    {
    }

    [Id(0)]
    public int Quota { get; set; }
}
