// The script for Windows around the settings of one member: everything in it but these is the same for all.

/** Six values of Set-VpnConnectionIPsecConfiguration: ESP, then IKE. */
export const WINDOWS_SUITE = {
  AuthenticationTransformConstants: 'GCMAES256',
  CipherTransformConstants: 'GCMAES256',
  EncryptionMethod: 'AES256',
  IntegrityCheckMethod: 'SHA384',
  DHGroup: 'ECP384',
  PfsGroup: 'ECP384',
} as const;

const begin = `# A Culvert connection for Windows 10 and 11. Run it in PowerShell as administrator; -Remove takes everything away again.
# This file holds what proves one device: delete it afterwards.

param([switch]$Remove)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
`;

const suite = Object.entries(WINDOWS_SUITE)
  .map(([name, value]) => `    ${name} = '${value}'`)
  .join('\n');

const end = String.raw`
$Principal = [Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent()
if (-not $Principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
    Write-Host 'Nothing was changed: open PowerShell with "Run as administrator" and run this again.' -ForegroundColor Red
    exit 1
}

function Remove-Connection {
    if (Get-VpnConnection -Name $Name -ErrorAction SilentlyContinue) {
        rasdial.exe $Name '/DISCONNECT' | Out-Null
        Remove-VpnConnection -Name $Name -Force
    }
}

# A certificate by its thumbprint, so that no other is ever touched.
function Remove-Certificate([string]$Store, [string]$Thumbprint) {
    $Path = Join-Path $Store $Thumbprint
    if (Test-Path -LiteralPath $Path) { Remove-Item -LiteralPath $Path }
}

# The certificates in the octets of a file, handed to a block as a file that is gone afterwards.
function Use-File([byte[]]$Octets, [string]$Extension, [scriptblock]$Block) {
    $Path = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName() + $Extension)
    try {
        [IO.File]::WriteAllBytes($Path, $Octets)
        & $Block $Path
    } finally {
        Remove-Item -LiteralPath $Path -ErrorAction SilentlyContinue
    }
}

$Root = New-Object Security.Cryptography.X509Certificates.X509Certificate2 (,[byte[]]$Authority)
$Marker = 'HKLM:\SOFTWARE\Culvert\' + $Root.Thumbprint

if ($Remove) {
    Remove-Connection
    if (Test-Path -LiteralPath $Marker) {
        $Kept = Get-ItemProperty -LiteralPath $Marker -Name $Name -ErrorAction SilentlyContinue
        if ($Kept) {
            Remove-Certificate 'Cert:\LocalMachine\My' $Kept.$Name
            Remove-ItemProperty -LiteralPath $Marker -Name $Name
        }
        # Other connections may trust the same root.
        if ((Get-Item -LiteralPath $Marker).ValueCount -eq 0) {
            Remove-Item -LiteralPath $Marker
            Remove-Certificate 'Cert:\LocalMachine\Root' $Root.Thumbprint
        }
    }
    Write-Host "Removed: $Name"
    exit 0
}

$IdentityThumbprint = ''
if ($null -ne $Identity) {
    if ($null -eq $IdentityPassword) {
        $Secure = Read-Host -Prompt 'Certificate password' -AsSecureString
    } else {
        $Secure = ConvertTo-SecureString -String $IdentityPassword -AsPlainText -Force
    }
    $Imported = Use-File $Identity '.p12' {
        param($Path)
        Import-PfxCertificate -FilePath $Path -Password $Secure -CertStoreLocation 'Cert:\LocalMachine\My'
    }
    $IdentityThumbprint = ($Imported | Where-Object { $_.HasPrivateKey } | Select-Object -First 1).Thumbprint
}

Use-File $Authority '.cer' {
    param($Path)
    Import-Certificate -FilePath $Path -CertStoreLocation 'Cert:\LocalMachine\Root' | Out-Null
}

if (-not (Test-Path -LiteralPath $Marker)) { New-Item -Path $Marker -Force | Out-Null }
$Before = Get-ItemProperty -LiteralPath $Marker -Name $Name -ErrorAction SilentlyContinue
if ($Before -and $Before.$Name -and $Before.$Name -ne $IdentityThumbprint) {
    Remove-Certificate 'Cert:\LocalMachine\My' $Before.$Name
}
Set-ItemProperty -LiteralPath $Marker -Name $Name -Value $IdentityThumbprint

Remove-Connection
$Connection = @{
    Name = $Name
    ServerAddress = $Server
    TunnelType = 'Ikev2'
    AuthenticationMethod = $AuthenticationMethod
    EncryptionLevel = 'Required'
    SplitTunneling = $SplitTunneling
    RememberCredential = $true
    Force = $true
}
Add-VpnConnection @Connection

$Suite = @{
    ConnectionName = $Name
${suite}
    Force = $true
}
Set-VpnConnectionIPsecConfiguration @Suite

foreach ($Route in $Routes) {
    Add-VpnConnectionRoute -ConnectionName $Name -DestinationPrefix $Route
}
foreach ($Suffix in $DnsSuffixes) {
    Add-VpnConnectionTriggerDnsConfiguration -ConnectionName $Name -DnsSuffix $Suffix -DnsIPAddress $DnsServers -Force
}

Write-Host "Ready: $Name. Connect from the network symbol in the task bar."
`;

export const WINDOWS_SCRIPT = { begin, end } as const;
