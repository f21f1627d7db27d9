import { Controller, Delete, Get, Head, Post, Put, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiRequestId, apiRequest, sendAnswer } from '../http/index.js';
import type { BodyConfig, WriteConfig } from '../http/index.js';
import {
  ApiDeleteKey,
  ApiDeletePrefix,
  ApiHeadKey,
  ApiListKeys,
  ApiPutKey,
  ApiReadKey,
  ApiWriteKeys,
} from './key.api-docs.js';
import { keyOfPath } from './key-path.js';
import { KeyService } from './key.service.js';
import { keyReadParameters, listParameters } from './read-options.js';

const writeParameters = ['timeout', 'redirect'];
const deletePrefixParameters = ['prefix', ...writeParameters];
const write: WriteConfig = { isWrite: true };
const oneValue: BodyConfig & WriteConfig = { body: 'value', isWrite: true };

/** Keys over HTTP. Bodies pass as bytes: these routes carry no pipes, guards or interceptors. */
@ApiTags('keys')
@ApiRequestId()
@Controller('key')
export class KeyController {
  constructor(private readonly keys: KeyService) {}

  @ApiWriteKeys()
  @Post()
  @RouteConfig(write)
  async writeKeys(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendAnswer(reply, await this.keys.putMany(apiRequest(request, writeParameters)));
  }

  @ApiListKeys()
  @Get()
  async listKeys(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendAnswer(reply, await this.keys.list(apiRequest(request, listParameters)));
  }

  @ApiDeletePrefix()
  @Delete()
  @RouteConfig(write)
  async deletePrefix(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendAnswer(reply, await this.keys.deletePrefix(apiRequest(request, deletePrefixParameters)));
  }

  @ApiHeadKey()
  @Head('*')
  async headKey(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.readKey(request, reply);
  }

  @ApiReadKey()
  @Get('*')
  async readKey(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendAnswer(reply, await this.keys.read(keyOfPath(request.params), apiRequest(request, keyReadParameters)));
  }

  @ApiPutKey()
  @Put('*')
  @RouteConfig(oneValue)
  async putKey(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendAnswer(reply, await this.keys.putOne(keyOfPath(request.params), apiRequest(request, writeParameters)));
  }

  @ApiDeleteKey()
  @Delete('*')
  @RouteConfig(write)
  async deleteKey(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendAnswer(reply, await this.keys.deleteOne(keyOfPath(request.params), apiRequest(request, writeParameters)));
  }
}
