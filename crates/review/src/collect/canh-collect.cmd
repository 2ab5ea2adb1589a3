<# : Canh - writes down what is on this machine into one small file. Reads only; installs nothing.
@echo off
rem   canh-collect.cmd            the file canh-NAME.txt is written beside this one (a USB stick, a share)
rem   canh-collect.cmd FOLDER     ... into FOLDER
rem   canh-collect.cmd URL        ... and sent to an upload link of Canh
setlocal
set "CANH_SELF=%~f0"
set "CANH_DIR=%~dp0"
set "CANH_WHERE=%~1"
powershell -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command "Invoke-Expression ([IO.File]::ReadAllText($env:CANH_SELF))"
exit /b %ERRORLEVEL%
#>
$ErrorActionPreference = 'SilentlyContinue'
$where = $env:CANH_WHERE
if (-not $where) { $where = '@URL@' }
if ($where.StartsWith('@')) { $where = '' }
$url = ''
$dir = $env:CANH_DIR
if ($where -match '^https?://') { $url = $where; $dir = $env:TEMP } elseif ($where) { $dir = $where }
$name = $env:COMPUTERNAME
$lines = New-Object System.Collections.Generic.List[string]
function Say([string]$line) { $lines.Add($line) }
function Table([string]$section, $rows) {
  $csv = @($rows | ConvertTo-Csv -NoTypeInformation)
  if ($csv.Count -gt 1) { Say "@@ $section"; $csv | ForEach-Object { Say $_ } }
}
# Old Windows have WMI only, new ones may have CIM only.
function Ask([string]$class, [string]$space = 'root/cimv2') {
  if (Get-Command Get-CimInstance) { Get-CimInstance -ClassName $class -Namespace $space }
  else { Get-WmiObject -Class $class -Namespace $space }
}

Say '@@canh inventory 1'
Say '@@ host'
Say "name=$name"
Say ('taken=' + [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ'))
Say ('uuid=' + (Ask 'Win32_ComputerSystemProduct').UUID)
Say ('serial=' + (Ask 'Win32_BIOS').SerialNumber)
Ask 'Win32_NetworkAdapterConfiguration' | Where-Object { $_.IPEnabled } | ForEach-Object { $_.IPAddress } |
  ForEach-Object { if ($_) { Say "address=$_" } }

$now = Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
$system = Ask 'Win32_OperatingSystem'
$fields = 'CurrentMajorVersionNumber','CurrentMinorVersionNumber','CurrentVersion','CurrentBuildNumber','UBR','DisplayVersion','ReleaseId','EditionID','InstallationType'
$row = New-Object PSObject
foreach ($field in $fields) { $row | Add-Member NoteProperty $field $now.$field }
$row | Add-Member NoteProperty 'Caption' $system.Caption
$row | Add-Member NoteProperty 'OSArchitecture' $system.OSArchitecture
Table 'system' $row

# An answer without an update is an answer, too: the section stands for having asked.
Say '@@ hotfix'
Get-HotFix | Select-Object HotFixID | ConvertTo-Csv -NoTypeInformation | ForEach-Object { Say $_ }
$programs = foreach ($hive in 'HKLM:\SOFTWARE', 'HKLM:\SOFTWARE\WOW6432Node', 'HKCU:\SOFTWARE') {
  Get-ItemProperty "$hive\Microsoft\Windows\CurrentVersion\Uninstall\*" |
    Where-Object { $_.DisplayName -and $_.DisplayVersion -and -not $_.SystemComponent } |
    Select-Object DisplayName, DisplayVersion, Publisher, InstallLocation
}
Table 'programs' ($programs | Sort-Object DisplayName, DisplayVersion -Unique)

Say '@@ ports'
if (Get-Command Get-NetTCPConnection) {
  Get-NetTCPConnection -State Listen | ForEach-Object { Say ("tcp`t" + $_.LocalAddress + ':' + $_.LocalPort) }
  Get-NetUDPEndpoint | ForEach-Object { Say ("udp`t" + $_.LocalAddress + ':' + $_.LocalPort) }
} else {
  # States are written in the system's language; who listens has no other side.
  netstat -an | ForEach-Object {
    $cell = $_.Trim() -split '\s+'
    if (($cell[0] -eq 'TCP' -and $cell[2] -match ':0$') -or $cell[0] -eq 'UDP') { Say ($cell[0].ToLower() + "`t" + $cell[1]) }
  }
}

# Archives of Java by their names alone, on local disks; the section stands for having looked.
Say '@@ jars'
$disks = @(Ask 'Win32_LogicalDisk' | Where-Object { $_.DriveType -eq 3 } | ForEach-Object { $_.DeviceID })
$found = foreach ($disk in $disks) {
  foreach ($kind in 'jar', 'war', 'ear') { cmd /d /c "dir /s /b /a-d $disk\*.$kind 2>nul" }
}
$found | Where-Object { $_ } | Select-Object -First 20000 | ForEach-Object { Say ("`t`t`t" + $_) }

Say '@@ protection'
function Word($yes) { if ($yes) { 'yes' } else { 'no' } }
# Workstations have a list of all such programs; servers tell of Defender only.
$known = @(Ask 'AntiVirusProduct' 'root/SecurityCenter2')
foreach ($one in $known) {
  $state = [int]$one.productState
  Say ($one.displayName + "`t" + (Word ($state -band 0x1000)) + "`t" + (Word (-not ($state -band 0x10))) + "`t")
}
if (Get-Command Get-MpComputerStatus) {
  $defender = Get-MpComputerStatus
  if ($defender) {
    $day = ''
    if ($defender.AntivirusSignatureLastUpdated) { $day = $defender.AntivirusSignatureLastUpdated.ToString('yyyy-MM-dd') }
    Say ("Microsoft Defender`t" + (Word $defender.RealTimeProtectionEnabled) + "`t`t" + $day)
  }
}
Say '@@ end'

$out = Join-Path $dir ('canh-' + ($name -replace '[^A-Za-z0-9._-]', '_') + '.txt')
$text = [string]::Join("`r`n", $lines.ToArray()) + "`r`n"
try { [IO.File]::WriteAllText($out, $text, (New-Object Text.UTF8Encoding $false)) } catch { Write-Error $_; exit 1 }
if ($url) {
  try {
    [Net.ServicePointManager]::SecurityProtocol = 3072
    if (Get-Command Invoke-WebRequest) {
      Invoke-WebRequest -UseBasicParsing -Method Post -Uri $url -ContentType 'text/plain' -InFile $out -TimeoutSec 300 -ErrorAction Stop | Out-Null
    } else { (New-Object Net.WebClient).UploadFile($url, $out) | Out-Null }
    Remove-Item $out
  } catch { Write-Host "not sent; hand in by hand: $out"; exit 2 }
} else { Write-Output $out }
exit 0
