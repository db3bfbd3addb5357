namespace Actors.Server.Api;

/// <summary>The object that every failed request is answered with.</summary>
internal sealed record ErrorBody(ErrorDetail Error);

internal sealed record ErrorDetail(string Message, string Type, string? Param, string? Code);
