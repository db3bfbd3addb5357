namespace Actors.Server.Api;

/// <summary>The model that this server answers with, as callers see it.</summary>
/// <param name="Id">Name in requests.</param>
/// <param name="Fingerprint">Short form of the hash over its weights.</param>
/// <param name="Loaded">When it was loaded, in Unix seconds.</param>
internal sealed record ModelIdentity(string Id, string Fingerprint, long Loaded)
{
    /// <summary>Accepts the model's name and no name; anything else is a model that is not here.</summary>
    public void Check(string? requested)
    {
        if (requested is null || requested == Id) return;
        throw new ApiException(404, "model_not_found", $"The model '{Shorten(requested)}' does not exist here; this server has '{Id}'.", "model");
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "...";
}
