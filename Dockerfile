# syntax=docker/dockerfile:1
FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
RUN apt-get update && apt-get install -y --no-install-recommends libsecp256k1-1 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig appsettings.json ./
COPY deploy/sql deploy/sql
COPY samples samples
COPY src src
# Compiled ahead for this machine: less to do before the first answer, at the price of a larger image.
RUN dotnet publish src/Humanitarian.Host/Humanitarian.Host.csproj -c Release --use-current-runtime --no-self-contained -p:PublishReadyToRun=true -o /app --nologo
RUN mkdir -p /library /ledger/data /ledger/keys && chmod 700 /ledger/data /ledger/keys && cp -L /usr/lib/*/libsecp256k1.so.1 /library/

# Neither shell nor package manager; its user is not root.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
COPY --from=build /library /usr/local/lib/humanitarian
COPY --from=build /app /app
COPY --from=build --chown=$APP_UID:$APP_UID /ledger /ledger
USER $APP_UID
WORKDIR /ledger
ENV HUMANITARIAN__Api__Url=http://0.0.0.0:5080 \
    LD_LIBRARY_PATH=/usr/local/lib/humanitarian
VOLUME ["/ledger/data", "/ledger/keys"]
EXPOSE 5080
HEALTHCHECK --interval=5s --timeout=6s --start-period=60s --retries=3 CMD ["dotnet", "/app/Humanitarian.Host.dll", "health"]
ENTRYPOINT ["dotnet", "/app/Humanitarian.Host.dll"]
CMD ["serve"]
