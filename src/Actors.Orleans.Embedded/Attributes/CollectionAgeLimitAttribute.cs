namespace Orleans;

/// <summary>Replaces the silo-wide idle time after which activations of this class are collected.</summary>
[AttributeUsage(AttributeTargets.Class)]
public class CollectionAgeLimitAttribute : Attribute
{
    /// <summary>The smallest limit that can be set, one minute.</summary>
    public static readonly TimeSpan MinAgeLimit = TimeSpan.FromMinutes(1);

    /// <summary>Part of the limit, in minutes.</summary>
    public double Minutes { get; set; }

    /// <summary>Part of the limit, in hours.</summary>
    public double Hours { get; set; }

    /// <summary>Part of the limit, in days.</summary>
    public double Days { get; set; }

    /// <summary>Never collect an idle activation.</summary>
    public bool AlwaysActive { get; set; }

    /// <summary>The limit: the sum of days, hours and minutes, at least <see cref="MinAgeLimit"/>.</summary>
    public TimeSpan AgeLimit
    {
        get
        {
            if (AlwaysActive)
                return TimeSpan.MaxValue;
            TimeSpan sum = TimeSpan.FromDays(Days) + TimeSpan.FromHours(Hours) + TimeSpan.FromMinutes(Minutes);
            return sum < MinAgeLimit ? MinAgeLimit : sum;
        }
    }
}
